/** Certificate requests as they come in: read, verified, their key and names found fit. */
@NullMarked
package io.guardbee.service.request;

import org.jspecify.annotations.NullMarked;
