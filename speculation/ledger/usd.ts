import { Decimal } from 'decimal.js';

/** US dollars without rounding: 100 digits hold any sum and product of prices and token counts. Never written with an exponent. */
export const Usd = Decimal.clone({ precision: 100, toExpNeg: -9e15, toExpPos: 9e15, rounding: Decimal.ROUND_HALF_UP });
export type Usd = Decimal;
