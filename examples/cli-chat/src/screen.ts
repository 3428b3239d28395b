import { stripVTControlCharacters, styleText } from 'node:util';
import ora, { type Ora } from 'ora';

/** What a person sees of a run: a line that says what goes on, and the text as it is written. */
export class Screen {
  // Ctrl-C is the program's to handle; ora would take the keyboard.
  readonly #spinner: Ora = ora({ stream: process.stdout, discardStdin: false });
  #atLineStart = true;
  #section = '';

  /** Says what goes on, until something is written. */
  status(text: string): void {
    this.#endLine();
    this.#section = '';
    // A status may pass within a frame of the spinner; it is shown all the same.
    this.#spinner.start(text).render();
  }

  /** Writes text of a section; a new section begins on a line of its own. */
  write(section: string, text: string, style?: 'dim' | 'cyan'): void {
    const safe = printable(text);
    if (safe === '') return;
    this.#spinner.stop();
    if (section !== this.#section) this.#endLine();
    this.#section = section;
    process.stdout.write(style ? styleText(style, safe, { stream: process.stdout }) : safe);
    this.#atLineStart = safe.endsWith('\n');
  }

  /** Writes a line by itself. */
  line(text: string, style?: 'dim' | 'red' | 'green'): void {
    this.#spinner.stop();
    this.#endLine();
    const safe = printable(text);
    console.log(style ? styleText(style, safe, { stream: process.stdout }) : safe);
    this.#section = '';
  }

  /** Ends what is still open. */
  end(): void {
    this.#spinner.stop();
    this.#endLine();
  }

  #endLine(): void {
    if (!this.#atLineStart) process.stdout.write('\n');
    this.#atLineStart = true;
  }
}

// oxlint-disable-next-line no-control-regex
const unwanted = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Without what a terminal would obey, or show in another order: a model may write anything. */
function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(unwanted, '');
}
