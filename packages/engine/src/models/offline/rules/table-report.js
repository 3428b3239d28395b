import { sandboxLink } from '../sandbox-files.js';
/** Reads the printed lines; undefined when they are not the program's. */
export function readReport(output) {
    const report = {
        rows: -1,
        kept: 0,
        blank: 0,
        numeric: [],
        text: [],
        plotted: [],
    };
    for (const line of output.split('\n')) {
        if (!line.startsWith('{'))
            continue;
        let record;
        try {
            record = JSON.parse(line);
        }
        catch {
            return undefined;
        }
        // The program is our own, but it printed in a sandbox where anyone may have printed: only whole records count.
        if ('mean' in record)
            report.numeric.push(record);
        else if ('distinct' in record)
            report.text.push(record);
        else if ('rows' in record || 'chart' in record || 'cleaned' in record)
            Object.assign(report, record);
    }
    return report.rows < 0 ? undefined : report;
}
/** The answer: what was asked for first, then what was done, then the files. */
export function describeTable(report, task, question) {
    const wantsFiles = task.chart !== undefined || task.clean;
    const direct = wantsFiles ? undefined : answerDirectly(report, task, question);
    if (direct !== undefined)
        return direct;
    const paragraphs = [
        `**${task.file}** has ${count(report.rows, 'row')} of data in ${count(report.numeric.length + report.text.length, 'column')}. ${cleaning(report)}`,
    ];
    if (report.numeric.length > 0)
        paragraphs.push(statistics(report));
    else
        paragraphs.push('No column of it holds numbers, so there is nothing to calculate or to draw.');
    if (report.text.length > 0 && !wantsFiles) {
        paragraphs.push(report.text
            .map((each) => `- **${plain(each.column)}**: ${count(each.count, 'value')}, ${each.distinct} different`)
            .join('\n'));
    }
    if (report.chart !== undefined)
        paragraphs.push(trend(report, task));
    if (report.cleaned !== undefined)
        paragraphs.push(`The cleaned data: ${sandboxLink(report.cleaned)}`);
    if (!wantsFiles)
        paragraphs.push('Ask me to *plot the trend* or to *give you the cleaned data* to get files.');
    return paragraphs.join('\n\n');
}
function cleaning({ rows, kept, blank, numeric }) {
    const dropped = [
        blank > 0 && count(blank, 'blank line'),
        rows > kept && count(rows - kept, 'repeated row'),
    ].filter((each) => each !== false);
    const unreadable = numeric.reduce((sum, each) => sum + each.unreadable, 0);
    const sentences = [
        dropped.length > 0 ? `I left out ${dropped.join(' and ')}.` : 'None of the rows is blank or repeated.',
        unreadable > 0 &&
            `${count(unreadable, 'cell')} among the numbers could not be read as a number and ${unreadable === 1 ? 'is' : 'are'} left out too.`,
    ];
    return sentences.filter(Boolean).join(' ');
}
function statistics({ numeric }) {
    const lines = numeric.map((each) => {
        const cells = [each.count, each.mean, each.median, each.min, each.max].map(format);
        return `| ${plain(each.column)} | ${cells.join(' | ')} |`;
    });
    return [
        '| column | values | mean | median | lowest | highest |',
        '|---|---:|---:|---:|---:|---:|',
        ...lines,
    ].join('\n');
}
function trend(report, task) {
    const names = report.plotted.map((name) => `**${plain(name)}**`);
    if (task.chart !== 'line')
        return `The chart shows ${names.join(' and ')}.`;
    const trends = report.plotted.flatMap((name) => {
        const slope = report.numeric.find((each) => each.column === name)?.slope;
        if (slope === undefined || slope === null)
            return [];
        if (slope === 0)
            return [`**${plain(name)}** neither rises nor falls`];
        return [
            `**${plain(name)}** ${slope > 0 ? 'rises' : 'falls'} by about ${format(Math.abs(slope))} per row`,
        ];
    });
    return `The chart shows ${names.join(', ')} with a trend line${trends.length > 1 ? ' each' : ''}.${trends.length > 0 ? ` Over the whole table ${trends.join(', ')}.` : ''}`;
}
const measures = [
    [/\b(average|mean)\b/i, 'mean', 'mean'],
    [/\bmedian\b/i, 'median', 'median'],
    [/\b(sum|total|altogether)\b/i, 'sum', 'sum'],
    [/\b(min|minimum|lowest|smallest|least|cheapest)\b/i, 'min', 'lowest value'],
    [/\b(max|maximum|highest|largest|biggest|most|greatest)\b/i, 'max', 'highest value'],
];
/** A question after one number gets that number. */
function answerDirectly(report, task, question) {
    if (/\bhow many (rows|lines|records|entries)\b|\b(number|count) of (rows|lines|records|entries)\b/i.test(question)) {
        return `**${task.file}** has **${count(report.rows, 'row')}** of data below its header${report.rows > report.kept ? `, ${report.rows - report.kept} of them repeated` : ''}.`;
    }
    const asked = measures.filter(([pattern]) => pattern.test(question));
    if (asked.length === 0)
        return undefined;
    const named = report.numeric.filter((each) => {
        return (each.column.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []).some((word) => task.words.includes(word));
    });
    const columns = named.length > 0 || report.numeric.length > 1 ? named : report.numeric;
    if (columns.length === 0)
        return undefined;
    const sentences = columns.flatMap((each) => asked.map(([, measure, label]) => `The ${label} of **${plain(each.column)}** is **${format(Number(each[measure]))}** (${count(each.count, 'value')}).`));
    return `${sentences.join('\n')}\n\n${cleaning(report)}`;
}
function count(amount, noun) {
    return `${amount.toLocaleString('en-US')} ${noun}${amount === 1 ? '' : 's'}`;
}
function format(value) {
    if (!Number.isFinite(value))
        return String(value);
    const size = Math.abs(value);
    return size >= 1 || value === 0
        ? value.toLocaleString('en-US', { maximumFractionDigits: 2 })
        : value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}
/** A column's name as text within markdown. */
function plain(name) {
    return name.replace(/[\\|*_`[\]<>]/g, '\\$&');
}
//# sourceMappingURL=table-report.js.map