/** Work that is repeated for as long as the service runs. */
@NullMarked
package io.guardbee.service.schedule;

import org.jspecify.annotations.NullMarked;
