import QRCode from 'qrcode';

/** A QR code (ISO/IEC 18004) of the text, as the data URI of a PNG. */
export async function qrCodeOf(text: string): Promise<string> {
  return QRCode.toDataURL(text, { errorCorrectionLevel: 'M', margin: 4, scale: 6 });
}
