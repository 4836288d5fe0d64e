/** Lists of revoked certificates (RFC 5280 §5), for those who do not follow the status feed. */
@NullMarked
package io.guardbee.service.crl;

import org.jspecify.annotations.NullMarked;
