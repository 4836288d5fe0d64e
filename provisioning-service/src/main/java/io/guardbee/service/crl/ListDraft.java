package io.guardbee.service.crl;

import io.guardbee.service.authority.Authority;
import io.guardbee.service.crl.RevocationList.Span;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509v2CRLBuilder;

/**
 * A list but for its signature (RFC 5280 §5.1.2): all that is revoked under the authority's name,
 * whichever of its keys signed it.
 */
final class ListDraft {

  private final Authority authority;
  private final Span span;

  ListDraft(Authority authority, Span span) {
    this.authority = authority;
    this.span = span;
  }

  RevocationList signed(List<ListStore.Entry> entries) {
    try {
      X509v2CRLBuilder draft =
          new X509v2CRLBuilder(
              X500Name.getInstance(authority.certificate().getSubjectX500Principal().getEncoded()),
              Date.from(span.thisUpdate()));
      draft.setNextUpdate(Date.from(span.nextUpdate()));
      for (ListStore.Entry entry : entries) {
        // with 0 there is no reasonCode: absent rather than unspecified (RFC 5280 §5.3.1)
        draft.addCRLEntry(
            entry.serial().value(), Date.from(entry.revoked()), entry.reason().number());
      }
      draft.addExtension( // RFC 5280 §5.2.1
          Extension.authorityKeyIdentifier,
          false,
          new AuthorityKeyIdentifier(authority.keyIdentifier().octets()));
      draft.addExtension( // RFC 5280 §5.2.3
          Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(span.number())));
      return new RevocationList(authority.name(), span, authority.sign(draft).getEncoded());
    } catch (IOException e) {
      throw new IllegalStateException("a list that we built encodes", e);
    }
  }
}
