export { autoReply } from './auto-reply';
export { research } from './research';
export { toolAgent } from './tool-agent';
