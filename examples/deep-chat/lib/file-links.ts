const whole = /!?\[([^\]\n]*)\]\(sandbox:[^)\n]*\)/g;
const citation = /【[^】†\n]*†([^】\n]*)】/g;
const begun = /!$|!?\[[^\]\n]*(?:\](?:\([^)\n]*)?)?$|【[^】\n]*$/;

const longestLink = 500;

/**
 * Makes links into the sandbox the bold names of their files: nobody but Python can follow them, and the files come
 * with the message. Citations become the names of their files too. Text goes through as it comes; what may become a link is
 * held back until it is one or is none.
 */
export function createFileLinks(): { push(text: string): string; end(): string } {
  let held = '';
  return {
    push(text) {
      const all = (held + text).replaceAll(whole, '**$1**').replaceAll(citation, ' ($1)');
      const start = begun.exec(all)?.index ?? all.length;
      held = all.length - start > longestLink ? '' : all.slice(start);
      return all.slice(0, all.length - held.length);
    },
    end() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}
