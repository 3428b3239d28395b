/** Words that mean much the same when people ask for things, each group under the word that tools are named with. */
const synonyms = {
    temperature: [
        'warm',
        'warmer',
        'warmest',
        'cold',
        'colder',
        'coldest',
        'hot',
        'hotter',
        'hottest',
        'cool',
        'heat',
        'heating',
        'degrees',
        'degree',
        'thermostat',
    ],
    weather: [
        'rain',
        'raining',
        'rainy',
        'sunny',
        'snow',
        'snowing',
        'forecast',
        'wind',
        'windy',
        'outside',
        'umbrella',
    ],
    price: ['cost', 'costs', 'worth', 'trading', 'quote', 'priced', 'value'],
    stock: ['stocks', 'share', 'shares', 'trading', 'ticker'],
    strength: ['strong', 'power', 'powerful'],
    time: ['clock', 'hour'],
    mail: ['email', 'message'],
};
/** The first word of most tools' names: what they do, not what about. */
const readingVerbs = new Set(`get fetch read find look lookup search list show check query calc calculate convert determine retrieve
   load current`.split(/\s+/));
const changingVerbs = new Set(`set change update make turn switch adjust raise lower increase decrease create add book order send
   cancel delete remove buy sell put write start stop lock unlock open close`.split(/\s+/));
const fillers = new Set(`a an and are as at be by can current currently do does for from given how i in is it its me my now of on
   one or please tell that the this to use user what whats which with you your`.split(/\s+/));
/** Words in lower case; `getRoomTemperature` and `get_room_temperature` have three. */
export function wordsOf(text) {
    return (text
        .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
        .toLowerCase()
        .match(/[\p{L}\p{N}]+/gu) ?? []);
}
/** How well a tool fits a question; 0 when it does not. */
export function fitness(tool, question) {
    const asked = expand(wordsOf(question));
    const nameWords = wordsOf(tool.name);
    const about = nameWords.filter((word) => isTopic(word));
    const described = new Set(wordsOf(tool.description ?? '').filter((word) => isTopic(word) && !about.includes(word)));
    const inName = about.filter((word) => asked.has(stem(word))).length;
    const inDescription = [...described].filter((word) => asked.has(stem(word))).length;
    // Naming one of the choices that a tool offers is asking for that tool: "the kitchen" answers "which room?".
    const named = namedChoices(tool, question);
    if (inName === 0 && inDescription < 2 && named === 0)
        return 0;
    // Wanting a thing changed and wanting to know it are told apart by the verb.
    const wantsChange = [...changingVerbs].some((verb) => asked.has(stem(verb)));
    const changes = changesThings(tool);
    if (changes && !wantsChange)
        return 0;
    return (inName * 3 +
        inDescription +
        named * 2 +
        (changes && wantsChange ? 4 : 0) +
        (about.length === inName ? 1 : 0));
}
/** The values that a parameter may have, as far as its schema lists them. */
export function choicesOf(schema) {
    if (schema.enum)
        return schema.enum;
    if (schema.const !== undefined)
        return [schema.const];
    return (schema.anyOf ?? []).flatMap((each) => typeof each === 'boolean' ? [] : choicesOf(each));
}
/** Where a choice stands in a text, word for word; -1 when it does not. */
export function placeOf(choice, text) {
    return ` ${wordsOf(text).join(' ')} `.indexOf(` ${wordsOf(String(choice)).join(' ')} `);
}
function namedChoices(tool, question) {
    const schemas = Object.values(tool.inputSchema.properties ?? {});
    return schemas.filter((schema) => {
        return (typeof schema !== 'boolean' &&
            choicesOf(schema).some((choice) => wordsOf(String(choice)).join('').length > 2 && placeOf(choice, question) >= 0));
    }).length;
}
function changesThings(tool) {
    return changingVerbs.has(wordsOf(tool.name)[0] ?? '');
}
/** What a tool is about, to speak of it: `room temperature`. */
export function topicOf(toolName) {
    const words = wordsOf(toolName);
    const [verb] = words;
    const rest = verb && (readingVerbs.has(verb) || changingVerbs.has(verb)) ? words.slice(1) : words;
    return (rest.length > 0 ? rest : words).join(' ');
}
function isTopic(word) {
    return word.length > 1 && !readingVerbs.has(word) && !changingVerbs.has(word) && !fillers.has(word);
}
function expand(words) {
    const expanded = new Set(words.filter((word) => !fillers.has(word)).map(stem));
    for (const [word, others] of Object.entries(synonyms)) {
        if (words.some((each) => others.includes(each)))
            expanded.add(stem(word));
    }
    return expanded;
}
function stem(word) {
    return word.length > 3 ? word.replace(/(?:ies|es|s|ing|ed|e|y)$/, '') : word;
}
//# sourceMappingURL=tool-words.js.map