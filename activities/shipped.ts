import { agentStep } from './agent-step';
import { checkReply, classifyMessage, draftReply, findPolicyArticle, lookUpAccount, sendReply } from './auto-reply';
import { draftResearchPlan, planResearch, searchSources, synthesise, takeNote, verifyReport } from './research';
import { readTools, replyToUser, writeTools } from './tool-agent';

/** The activities of the pipelines that ship, by activity type. */
export const shippedActivities = {
  classifyMessage,
  lookUpAccount,
  findPolicyArticle,
  draftReply,
  checkReply,
  sendReply,
  agentStep,
  replyToUser,
  ...readTools,
  ...writeTools,
  planResearch,
  draftResearchPlan,
  searchSources,
  takeNote,
  synthesise,
  verifyReport,
};
