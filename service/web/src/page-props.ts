// page-props.ts - what every page is given: the parts of its address that its pattern leaves open, and the query.
export interface PageProps { args: string[]; query: URLSearchParams }
