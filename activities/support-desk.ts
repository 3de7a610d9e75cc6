/** What a support message can be about. */
export const ROUTES = ['refund', 'shipping', 'account', 'technical', 'other'] as const;
export type Route = (typeof ROUTES)[number];

/** The part of a customer's record that matters for one route. */
export interface AccountFacts {
  segment: 'personal' | 'studio' | 'school';
  /** One line of facts, e.g. the last order for a shipping question. */
  facts: string;
}

export interface PolicyArticle {
  title: string;
  body: string;
}

const SEGMENTS = ['personal', 'studio', 'school'] as const;

const FACTS: Record<Route, readonly string[]> = {
  refund: [
    'Bought a clay kit 9 days ago, unopened according to the shop scan.',
    'Bought two glaze sets 41 days ago; one refund granted this year.',
    'Bought a wheel on instalments, 3 of 12 paid.',
  ],
  shipping: [
    'Parcel left the depot on Tuesday, last scan at the regional hub.',
    'Parcel split in two, first half delivered.',
    'Parcel held at customs, one form missing.',
  ],
  account: [
    'Two-step sign-in on, last sign-in yesterday from a known device.',
    'E-mail address changed last week, not yet confirmed.',
    'Three seats paid for, four people invited.',
  ],
  technical: [
    'Kiln controller firmware 2.4, current version is 2.6.',
    'Kiln controller firmware current, sensor replaced in spring.',
    'App version 7 on a tablet, two crash reports on file.',
  ],
  other: ['Customer for three years.', 'Customer since last month.', 'Subscribed to the newsletter only.'],
};

const ARTICLES: Record<Route, PolicyArticle> = {
  refund: {
    title: 'Money back',
    body: 'Unopened goods: full refund within 30 days. Opened goods: store credit within 30 days. Later than that: repair or exchange only. Instalment plans end with the return, paid instalments come back within ten working days.',
  },
  shipping: {
    title: 'Where parcels are',
    body: 'Parcels travel two to five working days. Without a scan for four days we open a search and send a replacement after seven. Split parcels are billed once. Customs forms are sent by e-mail and are needed within ten days.',
  },
  account: {
    title: 'Sign-in and seats',
    body: 'Passwords are reset by a link that lives one hour. A changed address counts once it is confirmed. Each seat is one person; an extra invitation waits until a seat is free or bought.',
  },
  technical: {
    title: 'Kilns and the app',
    body: 'First update the firmware, then restart with the door closed. Error E4 is the temperature sensor and is replaced free for two years. App crashes: update, then send the log from the settings page.',
  },
  other: {
    title: 'Everything else',
    body: 'Thank the customer, answer in two sentences where we can, and otherwise say which team will write back within two working days.',
  },
};

function customerNumber(customerId: string): number {
  const digits = Number(customerId.replace(/\D/g, ''));
  return Number.isFinite(digits) ? digits : 0;
}

/** The record of a customer as far as one route needs it. Unknown customers look like new personal ones. */
export function accountFacts(customerId: string, route: Route): AccountFacts {
  const number = customerNumber(customerId);
  const facts = FACTS[route];
  return {
    segment: SEGMENTS[number % SEGMENTS.length] ?? 'personal',
    facts: facts[Math.floor(number / SEGMENTS.length) % facts.length] ?? 'New customer.',
  };
}

/** The article of the handbook that a route is answered from. */
export function policyArticle(route: Route): PolicyArticle {
  return ARTICLES[route];
}
