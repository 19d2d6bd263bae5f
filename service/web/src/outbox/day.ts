// day.ts - business days of the service, whatever the zone of the device. Pure.

// The offset in a time that the service wrote (…+08:00), in minutes; the device's own without one.
export function offsetOf(time: string | null | undefined): number {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(time ?? '') ?? [];
  if (!sign) return -new Date().getTimezoneOffset();
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

export const dayAt = (ms: number, offset: number) => new Date(ms + offset * 60_000).toISOString().slice(0, 10);

export const daysUntil = (date: string, today: string) => (Date.parse(date) - Date.parse(today)) / 86_400_000;
