import { ArrowUp, Paperclip, Square } from 'lucide-react';
import {
  useEffect,
  useRef,
  type ChangeEvent,
  type ClipboardEventHandler,
  type KeyboardEvent,
  type ReactNode,
  type SubmitEvent,
} from 'react';

interface ComposerProps {
  input: string;
  onInput: (text: string) => void;
  /** Whether there is something that may be sent now. */
  sendable: boolean;
  running: boolean;
  onSend: () => void;
  onStop: () => void;
  onFiles: (files: FileList) => void;
  onPaste: ClipboardEventHandler<HTMLTextAreaElement>;
  /** The chips of the files that will go along. */
  chips: ReactNode;
}

/** Where a message is written: Enter sends it, Shift with Enter begins a new line. */
export function Composer(props: ComposerProps) {
  const { input, onInput, sendable, running, onSend, onStop, onFiles, onPaste, chips } = props;
  const text = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);

  // What was typed before the page came alive is in the field, but nobody has been told.
  const onFirstInput = useRef(onInput);
  useEffect(() => {
    const typed = text.current?.value;
    if (typed) onFirstInput.current(typed);
  }, []);

  // A phone would open its keyboard over the page that the person has just come to.
  useEffect(() => {
    if (matchMedia('(pointer: fine)').matches) text.current?.focus();
  }, []);

  function send() {
    if (!sendable || running) return;
    onSend();
    text.current?.focus();
  }
  function handleSubmit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    send();
  }
  function handleKey(event: KeyboardEvent) {
    // Enter also ends the composition of a character; that is not a message yet.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }
  function handlePick(event: ChangeEvent<HTMLInputElement>) {
    if (event.target.files) onFiles(event.target.files);
    // The same file may be picked again after it was removed.
    event.target.value = '';
    text.current?.focus();
  }

  return (
    <form
      aria-label="New message"
      onSubmit={handleSubmit}
      className="rounded-3xl border border-line bg-surface shadow-(--shadow) transition-colors focus-within:border-accent/60"
    >
      {chips}
      {/* The copy of the text behind the field gives it its height, in every browser. */}
      <div
        data-text={`${input} `}
        className="grid leading-relaxed after:invisible after:col-start-1 after:row-start-1 after:max-h-[40dvh] after:overflow-hidden after:px-5 after:pt-4 after:pb-1 after:wrap-anywhere after:whitespace-pre-wrap after:content-[attr(data-text)]"
      >
        <textarea
          ref={text}
          rows={1}
          value={input}
          aria-label="Message"
          placeholder="Ask, or drop a file"
          enterKeyHint="send"
          onChange={(event) => onInput(event.target.value)}
          onKeyDown={handleKey}
          onPaste={onPaste}
          className="col-start-1 row-start-1 max-h-[40dvh] w-full resize-none bg-transparent px-5 pt-4 pb-1 wrap-anywhere outline-none placeholder:text-faint"
        />
      </div>
      <div className="flex items-center gap-2 p-2.5">
        <input ref={picker} type="file" multiple hidden aria-label="Files" onChange={handlePick} />
        <button
          type="button"
          aria-label="Attach files"
          onClick={() => picker.current?.click()}
          className="grid size-9 place-items-center rounded-full text-soft transition-colors hover:bg-sunken hover:text-ink"
        >
          <Paperclip size={18} aria-hidden="true" />
        </button>
        <span className="flex-1" />
        {/* By their keys two buttons: one that turned from Stop into Send within the click would send what is in the field. */}
        {running ? (
          <button
            key="stop"
            type="button"
            aria-label="Stop"
            onClick={onStop}
            className="grid size-9 place-items-center rounded-full bg-ink text-page transition-opacity hover:opacity-85"
          >
            <Square size={13} fill="currentColor" aria-hidden="true" />
          </button>
        ) : (
          <button
            key="send"
            type="submit"
            aria-label="Send"
            disabled={!sendable}
            className="grid size-9 place-items-center rounded-full bg-accent text-on-accent transition-opacity enabled:hover:opacity-85 disabled:bg-line disabled:text-faint"
          >
            <ArrowUp size={18} strokeWidth={2.4} aria-hidden="true" />
          </button>
        )}
      </div>
    </form>
  );
}
