import type { Route } from '../../activities/support-desk';

/** A message as customers write it, and what it really is about. */
export interface MessageTemplate {
  text: string;
  route: Route;
}

/** A group of messages that share their words. */
export type Bundle = 'parcel' | 'money' | 'login' | 'kiln' | 'rest';

/** Messages that look alike at first sight. The last one of a group is about something else than it seems. */
export const BUNDLES: Readonly<Record<Bundle, readonly MessageTemplate[]>> = {
  parcel: [
    { route: 'shipping', text: 'My parcel has not moved for three days, where is it?' },
    { route: 'shipping', text: 'Half of my delivery is missing, only one parcel came.' },
    { route: 'shipping', text: 'Can I still change the delivery address of my parcel?' },
    { route: 'shipping', text: 'The tracking page of my parcel shows nothing at all.' },
    { route: 'shipping', text: 'Customs wrote to me about a parcel from you. What do they need?' },
    { route: 'shipping', text: 'When will the parcel with the porcelain clay arrive?' },
    { route: 'refund', text: 'The parcel came too late for my course, I do not want it any more.' },
  ],
  money: [
    { route: 'refund', text: 'I would like my money back for the clay kit, I have not opened it.' },
    { route: 'refund', text: 'The glaze is not the colour in the picture, please refund me.' },
    { route: 'refund', text: 'How do I get a refund for the wheel that I pay in instalments?' },
    { route: 'refund', text: 'I returned two boxes and the refund covers only one.' },
    { route: 'refund', text: 'Please refund the second sponge set, I ordered it by mistake.' },
    { route: 'account', text: 'You took money for four seats although we are three.' },
  ],
  login: [
    { route: 'account', text: 'I cannot log in since I changed my e-mail address.' },
    { route: 'account', text: 'The password link is always too old when I click it.' },
    { route: 'account', text: 'How do I give my colleague a seat and a password of her own?' },
    { route: 'account', text: 'Someone else seems to log in with my name.' },
    { route: 'technical', text: 'After I log in, the firing page stays white.' },
  ],
  kiln: [
    { route: 'technical', text: 'My kiln stops at 600 degrees and shows E4.' },
    { route: 'technical', text: 'The kiln controller does not find the network any more.' },
    { route: 'technical', text: 'The app closes by itself when I open a firing curve of the kiln.' },
    { route: 'technical', text: 'Does the kiln need the new firmware before I fire porcelain?' },
    { route: 'shipping', text: 'The kiln was promised for Friday and no van has come.' },
  ],
  rest: [
    { route: 'other', text: 'Do you offer courses for children in summer?' },
    { route: 'other', text: 'Thank you for the lovely card in the last box!' },
    { route: 'other', text: 'We would like to write about you in our magazine.' },
  ],
};

export const MESSAGE_TEMPLATES: readonly MessageTemplate[] = Object.values(BUNDLES).flat();
