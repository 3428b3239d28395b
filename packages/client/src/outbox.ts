import { abortable } from './abort.ts';
import type { Conversation } from './conversation.ts';
import type { RequestOptions } from './http.ts';
import { createUserMessage, toChatMessage, withMessage } from './messages.ts';
import type { MessageInput } from './messages.ts';
import type { SendMessageInput } from './options.ts';
import type { ChatMessage } from './state.ts';
import type { Turn } from './turn.ts';
import type { TakenFiles } from './uploads.ts';
import type { RunRequest } from './wire.ts';

/** Files that a message waits for. */
export interface Claim {
  /** Takes them out of their queue once they have arrived. Rejects with the first failure, and when the signal says so. */
  take(signal: AbortSignal): Promise<TakenFiles>;
}

/** Where a message's files come from and where it goes back to. */
export interface Draft extends Omit<SendMessageInput, 'files'> {
  claim?: Claim | Promise<Claim | undefined> | undefined;
  /** Puts the message back to where it was written or waited; called when it is not taken. */
  restore?: ((message?: ChatMessage) => void) | undefined;
  /** What it is if it is sent again as it was: a server answers a message once. */
  again?: ChatMessage | undefined;
  run?: boolean | undefined;
}

/** Sends a message, with its files once they have arrived. */
export async function sendMessage(
  conversation: Conversation,
  { files, ...draft }: SendMessageInput,
  options: RequestOptions | undefined,
): Promise<void> {
  const claim = files?.length ? conversation.uploads.use((uploads) => uploads.claimNew(files)) : undefined;
  // Any other message stays where it stands; in the place of an edited one stands that again.
  const restore = draft.messageId ? toInput(conversation, draft.text) : undefined;
  await offer(conversation, { ...draft, restore, claim }, options);
}

/** Adds a message; with `run: false` the assistant is not asked to answer. */
export async function append(
  conversation: Conversation,
  message: string | MessageInput,
  { run, ...options }: RequestOptions & { run?: boolean },
): Promise<void> {
  const { id, metadata, parts } = toChatMessage(typeof message === 'string' ? { content: message } : message);
  await offer(conversation, { id, metadata, parts, run }, options);
}

/** Sends the composer's input and files. When that fails, both stand where they stood. */
export async function submit(conversation: Conversation, options: RequestOptions | undefined): Promise<void> {
  const { uploads, state, returned: again } = conversation;
  const { input } = state;
  const claim = uploads.isAsked ? uploads.use((queue) => queue.claim()) : undefined;
  if (input.trim() === '' && !claim) return;
  conversation.store.set({ input: '' });
  conversation.returned = undefined;
  await offer(conversation, { text: input, restore: toInput(conversation, input), claim, again }, options);
}

/** Puts a message back to the input, but not over what the user has begun to write meanwhile. */
function toInput(conversation: Conversation, input = '') {
  return (message?: ChatMessage): void => {
    if (conversation.state.input !== '') return;
    conversation.returned = message;
    conversation.publish({ input });
  };
}

/** Sends a message, or lets it wait while an answer is written. */
async function offer(
  conversation: Conversation,
  draft: Draft,
  options: RequestOptions | undefined,
): Promise<void> {
  const isBusy = conversation.turn || conversation.state.run?.status === 'requires_action';
  await (isBusy && conversation.getOptions().whenBusy === 'queue'
    ? conversation.use(conversation.queue, (queue) => queue.add(draft, options))
    : send(conversation, draft, options));
}

/** At most one request for each message, and none is lost. */
export async function send(
  conversation: Conversation,
  draft: Draft,
  options: RequestOptions | undefined,
): Promise<void> {
  const { messageId, run } = draft;
  const turn = conversation.begin();
  const { visit } = conversation;
  let taken: TakenFiles | undefined;
  let message: ChatMessage;
  let before: ChatMessage[];
  conversation.store.set({ status: 'submitted', error: undefined });
  try {
    if (draft.claim) {
      conversation.store.flush();
      const claim = await draft.claim;
      taken = await claim?.take(turn.signal);
    }
    message = createUserMessage({ ...draft, files: taken?.parts });
    // Nothing is left of it when its files were taken out again.
    if (message.parts.length === 0) return conversation.abandon(turn);
    before = conversation.state.messages;
    const edited = before.findIndex(({ id }) => id === messageId);
    conversation.publish({
      messages: withMessage(before.slice(0, edited < 0 ? undefined : edited), message),
    });
  } catch (error) {
    conversation.fail(turn, error);
    if (visit === conversation.visit) draft.restore?.(draft.again);
    return;
  }
  const trigger = run === false ? 'append-message' : 'submit-message';
  await post(conversation, turn, { message, trigger, messageId }, options);
  const isRefused = (turn.hasFailed || !turn.isPosted) && !turn.isOpen && visit === conversation.visit;
  if (!draft.restore || !isRefused) return taken?.release();
  // The server has not taken it, or never got it: the message goes back to where it was written.
  taken?.restore();
  conversation.publish({ messages: conversation.state.messages.filter((other) => other !== message) });
  draft.restore(message);
  // Where this cannot be loaded, nothing is to be said: why the message did not go has been.
  Promise.resolve(
    conversation.control.use((control) =>
      visit === conversation.visit ? control.giveBack(message, taken, before, messageId) : undefined,
    ),
  ).catch(() => {});
}

/** Asks for an answer and follows it. */
export async function post(
  conversation: Conversation,
  turn: Turn,
  { message, ...request }: RunRequest,
  options: RequestOptions | undefined,
): Promise<void> {
  const { signal } = turn;
  conversation.kept(JSON.stringify({ threadId: conversation.state.threadId, message }));
  await conversation.follow(turn, async () => {
    await abortable(conversation.free(), signal);
    const { threadId } = conversation.state;
    turn.isPosted = true;
    turn.threadId = threadId;
    const json = { threadId: threadId ?? null, message: { ...message, content: undefined }, ...request };
    return conversation.http.stream('', { ...options, json, signal });
  });
}
