export * from './chain';
export * from './shapes';
export * from './impure';
