package io.guardbee.hsm.session;

import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/** A PIN on its way from its file to the module; wiped from memory when closed. */
public final class Pin implements AutoCloseable {

  /** Where a PIN comes from; read again for each log-in, so that no PIN waits in memory. */
  public interface Source {
    Pin read();
  }

  private static final int LONGEST = 1024;

  private final char[] characters;
  private final String digest;

  private Pin(char[] characters, String digest) {
    this.characters = characters;
    this.digest = digest;
  }

  public static Source source(Pkcs11Uri uri) {
    return () ->
        read(
            uri.pinSource()
                .orElseThrow(
                    () ->
                        refused(
                            "the token asks for a PIN and "
                                + Quoted.of(uri.toString())
                                + " names none",
                            "add pin-source=file:/path/of/pin to the PKCS#11 URI")));
  }

  /** The file's text without the line end. */
  public static Pin read(Path file) {
    byte[] octets = {};
    try (InputStream in = Files.newInputStream(file)) {
      octets = in.readNBytes(LONGEST + 1);
      int length = lengthWithoutLineEnd(octets);
      if (length == 0 || octets.length > LONGEST) {
        throw refused(
            "PIN file " + Quoted.of(file.toString()) + " is empty or too long",
            "write the PIN alone into it, on one line");
      }
      return new Pin(characters(ByteBuffer.wrap(octets, 0, length)), digest(octets, length));
    } catch (IOException e) {
      throw refused(
          "PIN file " + Quoted.of(file.toString()) + " cannot be read: " + e,
          "name the file that holds the token's PIN, readable for this user");
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }

  private static int lengthWithoutLineEnd(byte[] octets) {
    int length = octets.length;
    while (length > 0 && (octets[length - 1] == '\n' || octets[length - 1] == '\r')) {
      length--;
    }
    return length;
  }

  private static char[] characters(ByteBuffer octets) {
    CharBuffer text = StandardCharsets.UTF_8.decode(octets);
    char[] characters = new char[text.length()];
    text.get(0, characters);
    for (int i = 0; i < text.length(); i++) {
      text.put(i, '\0');
    }
    return characters;
  }

  private static String digest(byte[] octets, int length) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(octets, 0, length);
      return HexFormat.of().formatHex(sha256.digest());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  public char[] characters() {
    return characters;
  }

  /** Tells two PINs apart without keeping either. */
  String digest() {
    return digest;
  }

  static RefusedException refused(String detail, String nextStep) {
    return new RefusedException(Reason.PIN_WRONG, detail, nextStep);
  }

  @Override
  public void close() {
    Arrays.fill(characters, '\0');
  }

  @Override
  public String toString() {
    return "***";
  }
}
