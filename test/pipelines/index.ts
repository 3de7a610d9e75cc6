export * from './chain';
export * from './shapes';
export * from './impure';
export * from './equivalents';
export * from './streamed';
export * from './staged';
export { branches } from './branches';
export { generated } from './generated';
export { sturdy } from './sturdy';
