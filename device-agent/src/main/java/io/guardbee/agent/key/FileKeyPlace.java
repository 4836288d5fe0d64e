package io.guardbee.agent.key;

import io.guardbee.files.SafeFiles;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.jcajce.provider.asymmetric.util.EC5Util;

/** An EC P-256 key in a PKCS#8 PEM file of its owner's alone. Only for those who ask for it. */
record FileKeyPlace(Path file) implements KeyPlace {

  private static final String PKCS8 = "PRIVATE KEY";

  @Override
  public Optional<DeviceKey> find(DeviceId id) {
    return Files.exists(file) ? Optional.of(read()) : Optional.empty();
  }

  @Override
  public DeviceKey findOrMake(DeviceId id) {
    return Files.exists(file) ? read() : make();
  }

  private DeviceKey make() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      String pem = Pem.privateKey(pair.getPrivate());
      SafeFiles.writeSecret(file, pem.getBytes(StandardCharsets.US_ASCII));
      return new DeviceKey(toString(), pair.getPublic(), pair.getPrivate());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private DeviceKey read() {
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      if (permissions.stream().anyMatch(p -> !p.name().startsWith("OWNER_"))) {
        throw refused("others may use it", "chmod 600 " + file);
      }
      byte[] der = Pem.der(PKCS8, Files.readString(file, StandardCharsets.US_ASCII));
      ECPrivateKey key =
          (ECPrivateKey) KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
      return new DeviceKey(toString(), publicKey(key), key);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw refused("it is not an EC key", "name a file that holds one, or none yet");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A PKCS#8 file need not hold the public point (RFC 5915 §3): it is d·G. */
  private static PublicKey publicKey(ECPrivateKey key) throws GeneralSecurityException {
    ECParameterSpec curve = key.getParams();
    ECPoint point =
        EC5Util.convertPoint(EC5Util.convertSpec(curve).getG().multiply(key.getS()).normalize());
    return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, curve));
  }

  private RefusedException refused(String what, String nextStep) {
    return new RefusedException(
        Reason.KEY_UNSUPPORTED, "key file " + file + " is refused: " + what, nextStep);
  }

  @Override
  public String toString() {
    return "file:" + file;
  }
}
