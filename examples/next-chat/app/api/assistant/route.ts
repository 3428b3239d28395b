import { AssistantResponse } from '@use-assistant/server';
import { answerCalls } from 'example-assistants';
import { openai as connect } from '../../../lib/engine.ts';
import { fileReference } from '../../../lib/file-ids.ts';
import { ownThread } from '../../../lib/own-thread.ts';
import { readMessage } from '../../../lib/read-message.ts';
import { route } from '../../../lib/route.ts';
import { functions, tutorId } from '../../../lib/tutor.ts';
import { readWorkings } from '../../../lib/workings.ts';

export const maxDuration = 120;

/** What this run is told beside the tutor's own instructions. In an app of yours, what you know of your user. */
const customer = { name: 'Jane Doe', account: 'premium' };

/** Takes a message and streams the answer. */
export const POST = route(async (request, owner) => {
  const openai = connect();
  const { threads } = openai.beta;
  const sent = await readMessage(request, owner, openai);
  const assistant_id = await tutorId(openai);

  // The thread: the first message makes it.
  const threadId =
    sent.threadId === undefined
      ? (await threads.create({ metadata: { owner } })).id
      : await ownThread(openai, sent.threadId, owner);

  // The message, with its files.
  const message = await threads.messages.create(threadId, sent.message);

  return AssistantResponse(
    {
      openai,
      threadId,
      messageId: message.id,
      signal: request.signal,
      fileUrl: ({ fileId }) => fileReference(fileId, owner),
      onError: (error) => console.error(error),
    },
    async ({ forwardStream, sendDataMessage, data, signal }) => {
      // The run. Its text, code, images and files go to the page as they come.
      const started = await threads.runs.create(threadId, {
        assistant_id,
        additional_instructions: `Address the user as ${customer.name}. The user has a ${customer.account} account.`,
        stream: true,
      });
      let run = await forwardStream(started);

      // Functions: the run waits until all its calls are answered, then goes on in a stream of its own.
      while (run?.status === 'requires_action') {
        const tool_outputs = await answerCalls(run, functions, signal);
        const params = { thread_id: threadId, tool_outputs, stream: true as const };
        run = await forwardStream(await threads.runs.submitToolOutputs(run.id, params));
      }
      if (run?.status !== 'completed') return;

      // What the route adds itself: a file, and a word beside the text.
      const workings = await readWorkings(openai, run);
      if (workings !== '') await data.appendFile('workings.py', workings);
      sendDataMessage({ data: { note: `For ${customer.name}, ${customer.account} account` } });
    },
  );
});
