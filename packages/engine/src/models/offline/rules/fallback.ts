import type { Rule } from '../turn.ts';

/** What it says when no rule knows: what it can do, and how to have a real model instead. */
export const fallback: Rule = (conversation) => {
  const abilities = [
    'solve a linear equation: *solve 3x + 11 = 14*',
    'calculate: *what is 12% of 250?*',
    'read an attached CSV: *plot the trend and give me the cleaned data*',
    'run Python that you write in a ```` ```python ```` block',
  ];
  if (conversation.canSearch)
    abilities.push('quote your documents: *what does the guide say about returns?*');
  if (conversation.functions.length > 0) {
    const names = conversation.functions.slice(0, 6).map((tool) => `\`${tool.name}\``);
    abilities.push(`call the tools of this assistant: ${names.join(', ')}`);
  }
  const greeting = /^\W*(hi|hello|hey|good (morning|afternoon|evening)|greetings)\b/i.test(
    conversation.question,
  );
  return {
    text: [
      `${greeting ? 'Hello! ' : ''}I am the offline model: a handful of rules, not an AI. ${greeting ? '' : 'I have no rule for that. '}I can`,
      abilities.map((ability) => `- ${ability}`).join('\n'),
      'To talk to a real model, set `OPENAI_API_KEY`, or `OPENAI_BASE_URL` for any server that speaks chat completions (Ollama, LM Studio, vLLM, OpenRouter), choose one with `ASSISTANT_MODEL`, and start again.',
    ].join('\n\n'),
  };
};
