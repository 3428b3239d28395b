export { answerCalls } from './answer-calls.ts';
export { toFunctionTools, type FunctionTools } from './function-tools.ts';
export { home } from './home.ts';
export { mathTutor } from './math-tutor.ts';
export { Problem, problemOf, toProblem } from './problem.ts';
export { isRunEvent, runEvents, type RunEventsOptions } from './run-events.ts';
export { stockPrices } from './stock-prices.ts';
export { weather } from './weather.ts';
