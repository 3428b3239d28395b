import { Chat } from './chat.tsx';

export default function Page() {
  return (
    <main>
      <h1 style={{ fontSize: '1.25rem' }}>Deep Chat on assistants</h1>
      <Chat />
    </main>
  );
}
