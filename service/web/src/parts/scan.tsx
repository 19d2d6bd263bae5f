// scan.tsx - a barcode or QR code by camera, from a photo, by a scanner that types, or by hand.
// Loaded when it is asked for; the reader for browsers that have none of their own, only then.
import { useEffect, useRef, useState } from 'preact/hooks';
import { nameOf, words } from '../i18n';
import { readCode, type Code } from '../outbox/codes';
import type { Ledger } from '../outbox/levels';
import { recall, remember } from '../outbox/memory';
import { keeper } from '../words/keeper';
import { Dialog } from './dialog';

const t = words(keeper);
const FORMATS = ['qr_code', 'data_matrix', 'ean_13', 'ean_8', 'upc_a', 'code_128', 'itf'];
const PAUSE = 150; // ms between looks at the picture

interface Detector { detect(source: ImageBitmapSource): Promise<{ rawValue: string }[]> }
interface DetectorClass { new(options: { formats: string[] }): Detector; getSupportedFormats(): Promise<string[]> }

async function makeDetector(): Promise<Detector> {
  const own = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  const supported = await own?.getSupportedFormats().catch(() => []) ?? [];
  if (own && supported.includes('qr_code')) return new own({ formats: FORMATS.filter((f) => supported.includes(f)) });
  const { makeReader } = await import('./scan-reader');
  return makeReader(FORMATS);
}

export interface ScanProps { shelf: Ledger[]; onCode: (code: Code) => void; onClose: () => void }

const whyNot = (error: unknown) => {
  const name = (error as DOMException | undefined)?.name;
  return t(name === 'NotAllowedError' ? 'notAllowed' : name === 'TypeError' ? 'insecure' : 'absent');
};

// The camera's picture, looked at until a code is in it.
function Camera({ onText, onFail }: { onText: (text: string) => void; onFail: (why: string) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    let stream: MediaStream | undefined;
    let timer: ReturnType<typeof setTimeout>;
    let on = true;
    const stop = () => {
      on = false;
      clearTimeout(timer);
      stream?.getTracks().forEach((track) => track.stop());
    };
    void (async () => {
      try {
        const [detector, given] = await Promise.all([
          makeDetector(), navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } }),
        ]);
        stream = given;
        if (!on) return stop();
        video.current!.srcObject = stream;
        await video.current!.play();
        const look = async () => {
          const found = await detector.detect(video.current!).catch(() => []);
          if (!on) return;
          if (found.length) onText(found[0].rawValue);
          timer = setTimeout(look, PAUSE);
        };
        await look();
      } catch (error) {
        if (on) onFail(whyNot(error));
        stop();
      }
    })();
    return stop;
  }, []);
  return <video ref={video} class="camera" playsInline muted aria-label={t('aim')} />;
}

// The text of a code, whatever it is of. message: what is wrong with the last one.
export function ScanText({ label, message: given, onText, onClose }: { label: string; message: string; onText: (text: string) => void; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const [own, setMessage] = useState('');
  const [camera, setCamera] = useState(!!navigator.mediaDevices);
  const message = own || given;
  const read = (text: string) => {
    setMessage('');
    onText(text);
  };

  async function readPhoto(file: File | undefined) {
    if (!file) return;
    try {
      const found = await (await makeDetector()).detect(await createImageBitmap(file));
      if (found.length) return read(found[0].rawValue);
    } catch { /* no picture */ }
    setMessage(t('nothingRead'));
  }

  return (
    <Dialog title={t('scanTitle')} onClose={onClose}>
      {camera && <Camera onText={read} onFail={(why) => {
        setCamera(false);
        setMessage(t('noCamera', { why }));
      }} />}
      {camera && <p><small>{t('aim')}</small></p>}
      <p role="status" class="short">{message || (!camera && t('noCamera', { why: t('insecure') }))}</p>
      <form class="typed" onSubmit={(e) => {
        e.preventDefault();
        if (typed.trim()) read(typed);
      }}>
        <input aria-label={label} placeholder={label} autocomplete="off" autocapitalize="none" value={typed} onInput={(e) => setTyped(e.currentTarget.value)} />
        <button type="submit">{t('ok2')}</button>
      </form>
      <label class="photo">{t('photo')}
        <input type="file" accept="image/*" capture="environment" onChange={(e) => void readPhoto(e.currentTarget.files?.[0])} />
      </label>
    </Dialog>
  );
}

export function Scan({ shelf, onCode, onClose }: ScanProps) {
  const [message, setMessage] = useState('');
  const [unknown, setUnknown] = useState<Code | null>(null); // whose item has to be told
  const gtins = recall<Record<string, string>>('gtins', {});

  function read(text: string) {
    const code = readCode(text, shelf, gtins);
    if (code?.item && shelf.some((l) => l.item === code.item)) {
      navigator.vibrate?.(50);
      onCode(code);
    } else if (code?.gtin) {
      setUnknown(code);
    } else {
      setMessage(t('unknownCode', { code: text.slice(0, 80) }));
    }
  }

  if (unknown) {
    return (
      <Dialog title={t('scanTitle')} onClose={onClose}>
        <p role="status">{t('whichItem')} <code>{unknown.gtin}</code></p>
        <ul class="chips">
          {shelf.map((l) => (
            <li key={l.item}><button type="button" class="choice" onClick={() => {
              remember('gtins', { ...gtins, [unknown.gtin!]: l.item });
              onCode({ ...unknown, item: l.item });
            }}>{nameOf(l)}</button></li>
          ))}
        </ul>
      </Dialog>
    );
  }
  return <ScanText label={t('codeLabel')} message={message} onText={read} onClose={onClose} />;
}
