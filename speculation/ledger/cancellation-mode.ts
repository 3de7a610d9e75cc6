/**
 * How the cancel of a running call reaches its worker. `pushed`: the server sends it, a few milliseconds, whether or not the call beats.
 * `heartbeat`: in the reply to the next heartbeat, so it takes as long as heartbeats are apart.
 */
export type CancellationMode = 'pushed' | 'heartbeat';
