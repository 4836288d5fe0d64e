/** Which certificates are revoked: followed from the service, kept on disk, asked at the door. */
@NullMarked
package io.guardbee.broker.status;

import org.jspecify.annotations.NullMarked;
