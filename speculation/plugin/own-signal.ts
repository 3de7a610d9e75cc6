/** A signal for one call, which follows a longer-lived one until it is let go. */
export interface OwnSignal {
  readonly signal: AbortSignal;
  /** The call is over: nothing of it stays at the signal that was followed. */
  letGo: () => void;
}

interface Followers {
  controllers: Set<AbortController>;
  abort: () => void;
}

const followersOf = new WeakMap<AbortSignal, Followers>();

/**
 * Clients leave their abort listeners at the signal that they are given (the `openai` package does, after the reply too), so one signal for
 * all the calls of a long activity collects them, with everything that they hold. Each call gets a signal of its own instead. All that follow
 * one signal share one listener, because Node warns of a leak from the eleventh on, even where so many calls really run.
 *
 * @param followed aborts the own one, with its reason
 */
export function ownSignal(followed: AbortSignal): OwnSignal {
  const controller = new AbortController();
  if (followed.aborted) {
    controller.abort(followed.reason);
    return { signal: controller.signal, letGo: () => undefined };
  }
  const followers = followersOf.get(followed) ?? startFollowing(followed);
  followers.controllers.add(controller);
  return {
    signal: controller.signal,
    letGo: () => {
      if (!followers.controllers.delete(controller) || followers.controllers.size > 0) return;
      followed.removeEventListener('abort', followers.abort);
      followersOf.delete(followed);
    },
  };
}

function startFollowing(followed: AbortSignal): Followers {
  const controllers = new Set<AbortController>();
  const followers = {
    controllers,
    abort: () => {
      for (const controller of controllers) controller.abort(followed.reason);
    },
  };
  followersOf.set(followed, followers);
  followed.addEventListener('abort', followers.abort, { once: true });
  return followers;
}
