import type { ComponentProps } from 'react';
import Markdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { citation, citedText, type TextPart } from '../lib/cited-text.ts';

const own = '/api/assistant/files/';
const remarkPlugins = [remarkGfm];

function Link({ href, title, children }: ComponentProps<'a'>) {
  if (title === citation)
    return (
      <mark>
        <a href={href}>{children}</a>
      </mark>
    );
  if (href?.startsWith(own)) return <a href={href}>{children}</a>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

const components = { a: Link };

/** What the tutor wrote, with its annotations: citations as marked numbers, files as links. No image is fetched from elsewhere. */
export function AnswerText({ part }: { part: TextPart }) {
  const { text, sources } = citedText(part, own);
  return (
    <div className="text">
      <Markdown
        components={components}
        remarkPlugins={remarkPlugins}
        disallowedElements={['img']}
        unwrapDisallowed
      >
        {text}
      </Markdown>
      {sources.length > 0 && (
        <ol aria-label="Sources">
          {sources.map(({ name, url }) => (
            <li key={url}>
              <a href={url} download={name}>
                {name}
              </a>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
