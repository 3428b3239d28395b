import type { ComponentProps } from 'react';
import { defaultRehypePlugins, Streamdown, type Components } from 'streamdown';
import { assistantPath, isOwnFile, isSafeLink } from '../lib/safe-url.ts';

// Markdown from a model is hostile: an image is a request to whoever the model was told to tell. Pictures come from our
// own route only, raw HTML stays text, and what prefixes cannot say is checked in `AnswerLink` and `AnswerImage`.
const [harden] = defaultRehypePlugins['harden'] as [never, unknown];
const rehypePlugins = [
  defaultRehypePlugins['sanitize']!,
  [
    harden,
    {
      defaultOrigin: 'https://page.invalid',
      allowedImagePrefixes: [`${assistantPath}/`],
      allowedLinkPrefixes: ['*'],
      allowedProtocols: [],
      allowDataImages: false,
      imageBlockPolicy: 'text-only',
      linkBlockPolicy: 'text-only',
    },
  ],
] satisfies ComponentProps<typeof Streamdown>['rehypePlugins'];

function AnswerLink({ href, children }: ComponentProps<'a'>) {
  if (!isSafeLink(href)) return <span>{children}</span>;
  if (isOwnFile(href)) {
    // A number alone is a citation: the text of any other link says what it leads to.
    const isCitation = typeof children === 'string' && /^\d+$/.test(children);
    return (
      <a href={href} className={isCitation ? 'citation' : undefined}>
        {isCitation && <span className="sr-only">Source </span>}
        {children}
      </a>
    );
  }
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

function AnswerImage({ src, alt }: ComponentProps<'img'>) {
  if (!isOwnFile(src)) return <span>{alt}</span>;
  return <img src={src} alt={alt ?? ''} className="max-w-full rounded-xl border border-line" />;
}

function AnswerTable({ children }: ComponentProps<'table'>) {
  return (
    <div className="table-frame" role="region" aria-label="Table" tabIndex={0}>
      <table>{children}</table>
    </div>
  );
}

function AnswerCode({ children }: ComponentProps<'pre'>) {
  return <pre tabIndex={0}>{children}</pre>;
}

const plain = Object.fromEntries(
  'h1 h2 h3 h4 h5 h6 p ul ol li blockquote hr strong em code thead tbody tr th td sup sub section'
    .split(' ')
    .map((tag) => [tag, tag]),
) as Components;

const components = {
  ...plain,
  a: AnswerLink,
  img: AnswerImage,
  table: AnswerTable,
  pre: AnswerCode,
} as Components;

/** What the assistant wrote, as markdown; well-formed at every token while it is still being written. */
export function AnswerText({ text, streaming }: { text: string; streaming: boolean }) {
  return (
    <Streamdown
      className="answer"
      mode={streaming ? 'streaming' : 'static'}
      parseIncompleteMarkdown={streaming}
      rehypePlugins={rehypePlugins}
      components={components}
      controls={false}
      linkSafety={{ enabled: false }}
    >
      {text}
    </Streamdown>
  );
}
