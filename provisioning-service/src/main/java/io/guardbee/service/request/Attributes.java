package io.guardbee.service.request;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extensions;
import org.jspecify.annotations.Nullable;

/** What a request says beside name and key (RFC 2986 §4.1), each attribute once. */
final class Attributes {

  private static final int LONGEST_PASSWORD = 255; // PKCS#9: pkcs-9-ub-challengePassword

  private final Map<ASN1ObjectIdentifier, ASN1Set> values = new LinkedHashMap<>();
  private final @Nullable Extensions extensions; // none asked for: BouncyCastle takes null

  Attributes(ASN1Set attributes, DerShape shape) {
    for (ASN1Encodable attribute : attributes) {
      ASN1Encodable[] pair = Pkcs10.pair(attribute);
      ASN1ObjectIdentifier type = ASN1ObjectIdentifier.getInstance(pair[0]);
      if (values.put(type, ASN1Set.getInstance(pair[1])) != null) {
        throw Pkcs10.malformed("attribute " + type + " is there twice");
      }
    }
    extensions =
        value(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)
            .map(value -> extensions(value, shape))
            .orElse(null);
  }

  private static Extensions extensions(ASN1Encodable value, DerShape shape) {
    // each value is DER inside an OCTET STRING, where the walk over the request did not look
    for (ASN1Encodable element : ASN1Sequence.getInstance(value)) {
      ASN1Sequence extension = ASN1Sequence.getInstance(element);
      shape.check(
          ASN1OctetString.getInstance(extension.getObjectAt(extension.size() - 1)).getOctets());
    }
    return Extensions.getInstance(value); // refuses one that is there twice
  }

  /** The one value of that attribute. */
  Optional<ASN1Encodable> value(ASN1ObjectIdentifier type) {
    ASN1Set set = values.get(type);
    if (set == null) {
      return Optional.empty();
    }
    if (set.size() != 1) {
      throw Pkcs10.malformed("attribute " + type + " has " + set.size() + " values");
    }
    return Optional.of(set.getObjectAt(0));
  }

  Optional<byte[]> octets(ASN1ObjectIdentifier type) {
    return value(type).map(value -> ASN1OctetString.getInstance(value).getOctets());
  }

  Optional<byte[]> encoded(ASN1ObjectIdentifier type) {
    return value(type).map(Attributes::encode);
  }

  private static byte[] encode(ASN1Encodable value) {
    try {
      return value.toASN1Primitive().getEncoded(ASN1Encoding.DER);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Optional<String> challengePassword() {
    return value(PKCSObjectIdentifiers.pkcs_9_at_challengePassword).map(Attributes::password);
  }

  private static String password(ASN1Encodable value) {
    if (value instanceof ASN1String text && text.getString().length() <= LONGEST_PASSWORD) {
      return text.getString();
    }
    throw Pkcs10.malformed("its challengePassword is no text of up to 255 characters");
  }

  @Nullable Extensions extensions() {
    return extensions;
  }
}
