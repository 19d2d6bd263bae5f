// scan-reader.ts - a barcode reader in WebAssembly, for browsers without BarcodeDetector. Its wasm is
// one of our own files: the library would fetch it from elsewhere.
import { BarcodeDetector, prepareZXingModule } from 'barcode-detector/ponyfill';
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url';

prepareZXingModule({ overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? wasm : prefix + path) } });

export const makeReader = (formats: string[]) => new BarcodeDetector({ formats: formats as never });
