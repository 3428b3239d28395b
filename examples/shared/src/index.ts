export { answerCalls } from './answer-calls.ts';
export { findAssistant } from './find-assistant.ts';
export { toFunctionTools, type FunctionTools } from './function-tools.ts';
export { home } from './home.ts';
export { mathTutor } from './math-tutor.ts';
export { knownProblem, Problem, problemOf, toProblem } from './problem.ts';
export { isRunEvent, runEvents, type RunEventsOptions } from './run-events.ts';
export { stockPrices } from './stock-prices.ts';
export { weather } from './weather.ts';
