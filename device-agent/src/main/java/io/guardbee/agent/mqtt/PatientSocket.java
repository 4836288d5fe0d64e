package io.guardbee.agent.mqtt;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;

/**
 * A socket on which the peer has the last word. A TLS 1.3 server that refuses a client certificate
 * sends its alert and closes while the client may still be writing; the failed write would hide the
 * alert, which is read next, or the end of the stream, which is as good an error as the write's.
 */
final class PatientSocket extends Socket {

  @Override
  public OutputStream getOutputStream() throws IOException {
    return new FilterOutputStream(super.getOutputStream()) {
      @Override
      public void write(byte[] octets, int offset, int length) throws IOException {
        try {
          out.write(octets, offset, length);
        } catch (SocketException e) {
          if (isClosed()) {
            throw e; // by ourselves
          }
        }
      }
    };
  }
}
