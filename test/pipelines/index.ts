export * from './chain';
export * from './shapes';
export * from './impure';
export * from './equivalents';
export { generated } from './generated';
export { sturdy } from './sturdy';
