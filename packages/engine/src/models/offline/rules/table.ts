import type { Conversation } from '../conversation.ts';
import { chooseFile, extensionOf } from '../sandbox-files.ts';
import type { Rule } from '../turn.ts';
import { withPython } from '../with-python.ts';
import { describeTable, readReport } from './table-report.ts';
import { tableProgram, type TableTask } from './table-program.ts';

const speaksOfTable =
  /\b(plot|chart|graph|trend|visuali[sz]e|clean|tidy|csv|table|data|spreadsheet|columns?|rows?|average|mean|median|describe|summari[sz]e|statistics|total|sum|lowest|highest)\b/i;

/** Comma-separated tables: described, cleaned and drawn by Python, told from what Python printed. */
export const table: Rule = (conversation) => {
  const file = chooseFile(conversation, (name) => ['csv', 'tsv'].includes(extensionOf(name)), speaksOfTable);
  if (file === undefined) return undefined;
  const task = planTask(conversation, file);
  return withPython(conversation, {
    code: tableProgram(task),
    answer: (output) => {
      const report = readReport(output);
      return report && describeTable(report, task, conversation.question);
    },
  });
};

function planTask({ question }: Conversation, file: string): TableTask {
  // The file's name is no wish: `trend.csv` asks for nothing.
  const asked = question.replaceAll(file, ' ');
  let chart: TableTask['chart'];
  if (/\b(scatter|correlat\w+|versus|vs|against)\b/i.test(asked)) chart = 'scatter';
  else if (/\b(bars?|histogram)\b/i.test(asked)) chart = 'bar';
  else if (/\b(plot|chart|graph|trends?|draw|curve|diagram|visuali[sz]e|line)\b/i.test(asked)) chart = 'line';
  const clean = /\b(clean\w*|tid(y|ied)|dedup\w*|duplicates?|normali[sz]e\w*|fix(ed)?)\b/i.test(asked);
  const words = asked.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? [];
  return {
    file,
    chart,
    clean,
    sum: /\b(sum|total|altogether)\b/i.test(asked),
    words: [...new Set(words)].filter((word) => !commonWords.has(word)).slice(0, 12),
  };
}

const commonWords = new Set(
  `a all also an and any are as at average bar bars be by can chart clean cleaned cleaning columns column csv curve data describe diagram do
  draw each file find for from get give graph has have help highest how i in is it its line lowest make maximum me mean median
  minimum my of on over plot please row rows scatter show statistics sum summarize summary table tell that the them then there
  these this tidy to total trend trends up us versus visualize vs want was what which with would you your`.split(
    /\s+/,
  ),
);
