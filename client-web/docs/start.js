// Opens the contract that this very server obeys.
window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  validatorUrl: null,
  docExpansion: 'none',
  persistAuthorization: false,
})
