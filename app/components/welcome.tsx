import { Calculator, ChartLine, House, TrendingUp } from 'lucide-react';
import type { ReactNode } from 'react';

const equation = 'I need to solve the equation `3x + 11 = 14`. Can you help me?';
const rooms = 'How warm is it in the living room and in the kitchen?';
const stocks = 'What are the stock prices of AAPL and MSFT?';

/** What a chat shows before its first message: what can be asked, one click each. */
export function Welcome({ onAsk, onSample }: { onAsk: (text: string) => void; onSample: () => void }) {
  return (
    <section
      aria-labelledby="welcome-title"
      className="arrive mx-auto flex w-full max-w-3xl flex-1 flex-col justify-center px-4 py-10 sm:px-6"
    >
      <h2
        id="welcome-title"
        className="text-[28px] leading-tight font-semibold tracking-tight text-balance sm:text-4xl"
      >
        What shall we work out?
      </h2>
      <p className="mt-3 max-w-[34rem] leading-relaxed text-soft">
        Ask a question, or drop a file anywhere on this page. The Python you see being written really runs, on
        this machine.
      </p>
      <ul className="mt-8 grid gap-2.5 sm:grid-cols-2">
        <Example icon={<Calculator size={17} />} title="Solve an equation" onClick={() => onAsk(equation)}>
          3x + 11 = 14, worked out in Python
        </Example>
        <Example icon={<ChartLine size={17} />} title="Analyse a sample CSV" onClick={onSample}>
          A chart of the trend and the cleaned data
        </Example>
        <Example icon={<House size={17} />} title="Ask the house" onClick={() => onAsk(rooms)}>
          The living room's and the kitchen's temperature
        </Example>
        <Example icon={<TrendingUp size={17} />} title="Look up stock prices" onClick={() => onAsk(stocks)}>
          AAPL and MSFT, from sample figures
        </Example>
      </ul>
    </section>
  );
}

interface ExampleProps {
  icon: ReactNode;
  title: string;
  children: ReactNode;
  onClick: () => void;
}

function Example({ icon, title, children, onClick }: ExampleProps) {
  return (
    <li className="flex">
      <button
        type="button"
        onClick={onClick}
        className="group flex w-full items-start gap-3.5 rounded-2xl border border-line bg-surface p-4 text-left transition-[border-color,box-shadow] hover:border-accent/50 hover:shadow-(--shadow)"
      >
        <span
          aria-hidden="true"
          className="grid size-9 flex-none place-items-center rounded-xl bg-wash text-accent"
        >
          {icon}
        </span>
        <span className="min-w-0">
          <span className="block text-[15px] font-medium">{title}</span>
          <span className="mt-0.5 block text-sm leading-snug text-soft">{children}</span>
        </span>
      </button>
    </li>
  );
}
