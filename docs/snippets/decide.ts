import { expectedValueUsd, probabilityThreshold, shouldSpeculate } from 'runahead/decision';

const P = 0.7; // how likely the forecast is right
const L = 0.02; // two seconds saved, at one cent a second
const C = 0.004; // what the launch costs if it turns out useless
const alpha = 0.5;

console.log(expectedValueUsd(P, L, C)); // 0.0128
console.log(probabilityThreshold(alpha, L, C)); // 0.25: below this it is not worth it
console.log(shouldSpeculate(P, L, C, alpha)); // true
