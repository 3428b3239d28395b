/** The tutor that the Assistants API was first shown with. */
export const mathTutor = {
  name: 'Math tutor',
  instructions: 'You are a personal math tutor. Answer every question by writing and running Python.',
  tools: [{ type: 'code_interpreter' as const }],
};
