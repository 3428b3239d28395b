import { Chat } from '../components/chat.tsx';
import { ModelBadge } from '../components/model-badge.tsx';
import { demoModels } from '../lib/engine.ts';

// The model is chosen by the environment of the running process, not of the build.
export const dynamic = 'force-dynamic';

interface PageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function Page({ searchParams }: PageProps) {
  const { thread } = await searchParams;
  const { name, offline } = demoModels();
  return (
    <Chat
      threadId={typeof thread === 'string' ? thread : undefined}
      badge={<ModelBadge name={name} offline={offline} />}
      note={
        offline
          ? 'The offline model follows rules. Its Python really runs.'
          : 'Models make mistakes. Check what matters.'
      }
    />
  );
}
