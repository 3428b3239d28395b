'use client';
import { useAssistant } from '@use-assistant/react';

export default function Chat() {
  const { messages, input, handleInputChange, handleSubmit, handleFileUpload, status, error, stop } =
    useAssistant();
  const running = status === 'submitted' || status === 'streaming';
  return (
    <form onSubmit={handleSubmit}>
      {messages.map(({ id, role, content }) => (
        <p key={id}>
          <b>{role}:</b> {content}
        </p>
      ))}
      {error && <p role="alert">{error.message}</p>}
      <input value={input} onChange={handleInputChange} aria-label="Message" />
      <input type="file" onChange={handleFileUpload} aria-label="Files" />
      {running ? (
        <button key="stop" type="button" onClick={stop}>
          Stop
        </button>
      ) : (
        <button key="send">Send</button>
      )}
    </form>
  );
}
