// An in slip.
import type { PageProps } from '../pages';
import { SlipForm } from '../parts/slip-form';

export default function Page({ query }: PageProps) {
  return <SlipForm kind="in" query={query} />;
}
