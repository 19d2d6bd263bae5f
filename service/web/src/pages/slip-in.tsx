// An in slip.
import type { PageProps } from '../page-props';
import { SlipForm } from '../parts/slip-form';

export default function Page({ query }: PageProps) {
  return <SlipForm kind="in" query={query} />;
}
