'use client';

import { useAssistant } from '@use-assistant/react';
import { FileChip } from './file-chip.tsx';
import { Message } from './message.tsx';

const suggestions = [
  'I need to solve the equation 3x + 11 = 14. Can you help me?',
  'Plot sin(x) from 0 to 2π',
];

export default function Chat() {
  const {
    messages,
    input,
    handleInputChange,
    handleSubmit,
    handleFileUpload,
    setInput,
    files,
    removeFile,
    dropProps,
    status,
    run,
    error,
    stop,
  } = useAssistant();
  const isRunning = status === 'submitted' || status === 'streaming';
  return (
    <main {...dropProps}>
      <div className="log">
        <div>
          <h1>Math tutor</h1>
          {messages.length === 0 && (
            <section className="welcome">
              <p>Ask for anything that can be computed. Add a file, or drop it here, and ask about it.</p>
              {suggestions.map((text) => (
                <button key={text} type="button" onClick={() => setInput(text)}>
                  {text}
                </button>
              ))}
            </section>
          )}
          {messages.map((message) => (
            <Message key={message.id} message={message} />
          ))}
          {isRunning && <p role="status">{(run?.status ?? 'sending').replace('_', ' ')} …</p>}
          {error && <p role="alert">{error.message}</p>}
        </div>
      </div>
      <form onSubmit={handleSubmit}>
        {files.length > 0 && (
          <ul aria-label="Attached files">
            {files.map((file) => (
              <FileChip key={file.id} file={file} onRemove={() => removeFile(file.id)} />
            ))}
          </ul>
        )}
        <label className="attach">
          <input type="file" multiple onChange={handleFileUpload} aria-label="Add files" />
          <span aria-hidden="true">+</span>
        </label>
        <input
          value={input}
          onChange={handleInputChange}
          aria-label="Message"
          placeholder="Ask the tutor"
          autoComplete="off"
        />
        {isRunning ? (
          <button key="stop" type="button" onClick={stop}>
            Stop
          </button>
        ) : (
          <button key="send">Send</button>
        )}
      </form>
    </main>
  );
}
