'use client';
import { useAssistant } from '@use-assistant/react';

export default function Page() {
  const { messages, input, handleInputChange, handleSubmit, handleFileUpload } = useAssistant();
  return (
    <form onSubmit={handleSubmit}>
      {messages.map(({ id, role, content, parts }) => (
        <article key={id}>
          <b>{role}</b> <p style={{ whiteSpace: 'pre-wrap' }}>{content}</p>
          {parts.map((part) => part.type === 'data-file' && <a key={part.id} href={part.data.url}>{part.data.name}</a>)}
        </article>
      ))}
      <input aria-label="Message" value={input} onChange={handleInputChange} />
      <input aria-label="Files" type="file" multiple onChange={handleFileUpload} />
      <button>Send</button>
    </form>
  );
}
