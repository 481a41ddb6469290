"use strict";

// A file of its own: the page's Content-Security-Policy allows no script inside the page.
SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: "/openapi.json",
  deepLinking: true,
  // The public validator is another host.
  validatorUrl: null,
});
