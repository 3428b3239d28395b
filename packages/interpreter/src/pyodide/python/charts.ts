export const chartsSource: string = String.raw`
def line(path, *a, **k): pass
`;
