// An out slip.
import type { PageProps } from '../pages';
import { SlipForm } from '../parts/slip-form';

export default function Page({ query }: PageProps) {
  return <SlipForm kind="out" query={query} />;
}
